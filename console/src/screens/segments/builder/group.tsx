// A group of conditions: all of them, or any of them. Groups stand in groups.

import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Dropdown, Segmented, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { LeafEditor } from './leaves';
import { added, bare, changed, DEPTH_MAX, fresh, type Group, inside, isGroup, isNot, itemsOf, type Kind, kinds, negated, type Node, type Path } from './tree';

interface GroupEditorProps {
  root: Group;
  group: Group;
  path: Path;
  change: (root: Group) => void;
}

export function GroupEditor({ root, group, path, change }: GroupEditorProps) {
  const { t } = useTranslation('builder');
  const kind = 'all' in group ? 'all' : 'any';
  const items = itemsOf(group);
  const become = (next: 'all' | 'any') => change(changed(root, path, (node) => inside(node, next === 'all' ? { all: items } : { any: items })));
  return (
    <fieldset className={`group group-${kind}`}>
      <legend className="visually-hidden">{t(`group.${kind}`)}</legend>
      <div className="group-head">
        <Segmented<'all' | 'any'>
          size="small"
          aria-label={t('group.label')}
          value={kind}
          onChange={become}
          options={[
            { value: 'all', label: t('group.all') },
            { value: 'any', label: t('group.any') },
          ]}
        />
        <span className="quiet">{t(kind === 'all' ? 'group.allAbout' : 'group.anyAbout')}</span>
      </div>
      {items.length === 0 && <p className="group-empty quiet">{t('group.empty')}</p>}
      <ol>
        {items.map((item, nth) => (
          // Conditions have no name but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <Item key={nth} root={root} item={item} path={[...path, nth]} joined={nth > 0 ? kind : undefined} change={change} />
        ))}
      </ol>
      <AddButton depth={path.length} add={(node) => change(added(root, path, node))} />
    </fieldset>
  );
}

interface ItemProps {
  root: Group;
  item: Node;
  path: Path;
  joined: 'all' | 'any' | undefined;
  change: (root: Group) => void;
}

function Item({ root, item, path, joined, change }: ItemProps) {
  const { t } = useTranslation('builder');
  const inner = bare(item);
  const update = (next: Node) => change(changed(root, path, (node) => inside(node, next)));
  const number = path.map((nth) => nth + 1).join('.');
  return (
    <li className="item">
      {joined && <span className="item-joined">{t(joined === 'all' ? 'and' : 'or')}</span>}
      <div className={isGroup(inner) ? 'item-body' : 'item-body item-leaf'}>
        <div className="item-content">{isGroup(inner) ? <GroupEditor root={root} group={inner} path={path} change={change} /> : <LeafEditor leaf={inner} update={update} />}</div>
        <div className="item-tools">
          <label className="item-not">
            <Switch size="small" checked={isNot(item)} onChange={() => change(changed(root, path, negated))} aria-label={t('notOf', { number })} />
            <span aria-hidden="true">{t('not')}</span>
          </label>
          <Button type="text" size="small" icon={<DeleteOutlined aria-hidden />} aria-label={t('removeOf', { number })} onClick={() => change(changed(root, path, () => undefined))} />
        </div>
      </div>
    </li>
  );
}

interface AddButtonProps {
  depth: number;
  add: (node: Node) => void;
}

function AddButton({ depth, add }: AddButtonProps) {
  const { t } = useTranslation('builder');
  const offered = kinds.filter((kind) => kind !== 'group' || depth + 1 < DEPTH_MAX);
  const items = offered.map((kind) => ({ key: kind, label: <KindOption kind={kind} /> }));
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => add(fresh(key as Kind)) }}>
      <Button icon={<PlusOutlined aria-hidden />}>{t('add')}</Button>
    </Dropdown>
  );
}

function KindOption({ kind }: { kind: Kind }) {
  const { t } = useTranslation('builder');
  return (
    <span className="kind">
      <strong>{t(`kind.${kind}`)}</strong>
      <span>{t(`kindAbout.${kind}`)}</span>
    </span>
  );
}


// The editor, in a chunk of its own: CodeMirror with SQL, and completion from what there is to ask.

import { autocompletion, completeFromList, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import type { Catalogue } from '@/api/catalogue';
import { functions } from './functions';

interface EditorProps {
  value: string;
  change: (sql: string) => void;
  run: () => void;
  catalogue: Catalogue | undefined;
  label: string;
  hint: string;
}

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--ink)', fontSize: '13.5px' },
  '&.cm-focused': { outline: '2px solid var(--primary)', outlineOffset: '-2px' },
  '.cm-content': { fontFamily: 'var(--mono)', caretColor: 'var(--ink)', minHeight: '150px', padding: '10px 0' },
  '.cm-scroller': { maxHeight: '46vh', lineHeight: '1.6' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-faint)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--primary-soft) !important' },
  '.cm-placeholder': { color: 'var(--ink-faint)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '6px', boxShadow: 'var(--shadow)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--primary)', color: 'var(--on-primary)' },
  '.cm-completionDetail': { color: 'inherit', opacity: '0.8' },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--primary)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--brass)' },
  { tag: tags.comment, color: 'var(--ink-faint)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.typeName], color: 'var(--info)' },
]);

/** Tables with their columns; traits are tables of a schema of their own. */
function language(catalogue: Catalogue | undefined) {
  const tables = Object.fromEntries((catalogue?.tables ?? []).map((table) => [table.name, table.columns.map((column) => ({ label: column.name, type: 'property', detail: column.masked ? `${column.type} · NULL` : column.type, info: column.about || undefined }))]));
  const traits = Object.fromEntries((catalogue?.traits ?? []).map((trait) => [trait.name, ['customer_id', 'value', 'computed_at']]));
  const support = sql({ dialect: PostgreSQL, schema: { ...tables, traits } });
  return [support, PostgreSQL.language.data.of({ autocomplete: completeFromList(functions.map((label) => ({ label, type: 'function', apply: `${label}(` }))) })];
}

export function Editor({ value, change, run, catalogue, label, hint }: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const speaks = useRef(new Compartment());
  const told = useRef({ change, run });
  useEffect(() => {
    told.current = { change, run };
  }, [change, run]);

  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    const made = new EditorView({
      parent,
      state: EditorState.create({
        doc: '',
        extensions: [
          // Tab leaves the editor, as it leaves every other field.
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (told.current.run(), true) }])),
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          highlightActiveLine(),
          autocompletion(),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          placeholder(hint),
          look,
          syntaxHighlighting(colours),
          speaks.current.of([]),
          EditorView.updateListener.of((update) => update.docChanged && told.current.change(update.state.doc.toString())),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [label, hint]);

  useEffect(() => {
    view.current?.dispatch({ effects: speaks.current.reconfigure(language(catalogue)) });
  }, [catalogue]);

  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== value) now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={box} className="sql-editor" />;
}

// What models foretell of a customer, and what moved each score.

import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Async, Empty } from '@/ui/async';
import { Bar } from '@/ui/bar';
import { Panel } from '@/ui/page';
import { Pill } from '@/ui/pill';
import { Num, Share, When } from '@/ui/values';
import { useSay } from '@/ui/words';
import { type CustomerScore, type ExplainedScore, explainedQuery, type Of } from './queries';
import { customerRoute } from './routes';
import { Waterfall } from './waterfall';

export function ScoreFigure({ score }: { score: CustomerScore }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  return (
    <article className="score">
      <h3>{say(score.meaning)}</h3>
      <p className="score-value num"><Told score={score} /></p>
      {score.score !== null && score.score !== undefined && <Bar share={score.score} />}
      {score.reasons[0] && <p className="quiet">{say(score.reasons[0])}</p>}
      <p className="quiet small">{t('scores.version', { version: score.version })} · <When at={score.as_of} as="day" /></p>
    </article>
  );
}

/** A score is a chance, a number of days, or a label: whichever the model tells. */
function Told({ score }: { score: CustomerScore }) {
  const { t } = useTranslation('customer');
  if (score.text) return score.text.label ?? <span className="quiet">{t('profile.hidden')}</span>;
  if (score.median_days !== null && score.median_days !== undefined) return t('scores.days', { count: Math.round(score.median_days) });
  if (score.score !== null && score.score !== undefined && score.score >= 0 && score.score <= 1) return <Share value={score.score} />;
  if (score.score !== null && score.score !== undefined) return <Num value={score.score} />;
  return <span className="quiet">{t('profile.hidden')}</span>;
}

interface ScoresPartProps {
  scores: CustomerScore[];
  of: Of;
}

export function ScoresPart({ scores, of }: ScoresPartProps) {
  const { t } = useTranslation('customer');
  const { model } = customerRoute.useSearch();
  const navigate = customerRoute.useNavigate();
  if (scores.length === 0) return <Panel><Empty title={t('scores.none')} next={t('scores.noneNext')} /></Panel>;
  const chosen = scores.find((each) => each.model === model) ?? scores[0];
  const choose = (name: string) => void navigate({ search: (before) => ({ ...before, model: name }), replace: true });
  return (
    <div className="grid">
      <div className="span-4">
        <ul className="score-list" aria-label={t('part.scores')}>
          {scores.map((score) => (
            <ScoreChoice key={score.model} score={score} on={score === chosen} choose={() => choose(score.model)} />
          ))}
        </ul>
      </div>
      <div className="span-8">{chosen && <Explained score={chosen} of={of} />}</div>
    </div>
  );
}

interface ScoreChoiceProps {
  score: CustomerScore;
  on: boolean;
  choose: () => void;
}

function ScoreChoice({ score, on, choose }: ScoreChoiceProps) {
  const say = useSay();
  return (
    <li>
      <button type="button" className={on ? 'score-choice score-choice-on' : 'score-choice'} aria-pressed={on} onClick={choose}>
        <span>{say(score.meaning)}</span>
        <b className="num"><Told score={score} /></b>
      </button>
    </li>
  );
}

function Explained({ score, of }: { score: CustomerScore; of: Of }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  const explained = useQuery({ ...explainedQuery(of, score.model), enabled: !score.text });
  return (
    <Panel title={say(score.meaning)} about={<>{t('scores.version', { version: score.version })} · <When at={score.as_of} /></>}>
      <div className="stack">
        <Reasons reasons={score.reasons} />
        {score.text ? <p className="quiet">{t('scores.textAt')} <When at={score.text.at} /></p> : <Async of={explained}>{(data) => <Apart explained={data} />}</Async>}
      </div>
    </Panel>
  );
}

function Reasons({ reasons }: { reasons: CustomerScore['reasons'] }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  if (reasons.length === 0) return null;
  return (
    <section>
      <h3 className="part-head">{t('scores.why')}</h3>
      <ul className="reasons">
        {reasons.map((reason) => (
          <li key={reason.en}>{say(reason)}</li>
        ))}
      </ul>
    </section>
  );
}

function Apart({ explained }: { explained: ExplainedScore }) {
  const { t } = useTranslation('customer');
  const say = useSay();
  return (
    <div className="stack">
      <section>
        <h3 className="part-head">{t('scores.apart')}</h3>
        <p className="quiet">{t('scores.apartAbout')}</p>
        <Waterfall explained={explained} />
      </section>
      {explained.nearest && (
        <section className="nearest">
          <h3 className="part-head">{t('scores.nearest')}</h3>
          <ul className="reasons">
            {explained.nearest.changes.map((change) => (
              <li key={change.en}>{say(change)}</li>
            ))}
          </ul>
          <p>{t('scores.then')} <Pill tone="primary"><Share value={explained.nearest.score} /></Pill></p>
        </section>
      )}
      {explained.effects.some((effect) => effect.protected) && <p className="quiet small">{t('scores.protected')}</p>}
    </div>
  );
}

import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { moveBoundary, percent, readPercent, setWeight, WHOLE } from '../model/shares.js';

export interface BarShare {
  readonly id: string;
  readonly label: string;
  /** Which of the variation colours it has. */
  readonly color: number;
  readonly weight: number;
}

/**
 * A rollout as a bar. Boundaries are dragged or moved with the arrows (1 %, with Shift 10 %, with Alt 0.1 %), shares are typed;
 * they add up to 100 % at any time.
 */
export function RolloutBar({
  shares,
  onChange,
}: {
  readonly shares: readonly BarShare[];
  readonly onChange: (weights: readonly number[]) => void;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const weights = shares.map(({ weight }) => weight);
  let sum = 0;
  const ends = weights.map((weight) => (sum += weight));

  const drag = (index: number) => (event: PointerEvent<HTMLElement>) => {
    const box = bar.current?.getBoundingClientRect();
    if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const place = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    // Whole percents while dragging: finer shares are typed.
    const wanted = Math.round(place * 100) * 100;
    const delta = wanted - (ends[index] ?? 0);
    if (delta !== 0) onChange(moveBoundary(weights, index, delta));
  };
  const press = (index: number) => (event: KeyboardEvent) => {
    const size = event.shiftKey ? 1000 : event.altKey ? 10 : 100;
    const delta = { ArrowRight: size, ArrowUp: size, ArrowLeft: -size, ArrowDown: -size, Home: -WHOLE, End: WHOLE }[
      event.key
    ];
    if (delta === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(moveBoundary(weights, index, delta));
  };

  return (
    <div className="rollout">
      <div ref={bar} className="rollout-bar">
        {shares.map(({ id, label, color, weight }, index) => (
          <span
            key={id}
            className={`segment v${color} ${index === shares.length - 1 ? 'last' : ''}`}
            style={{ width: `${weight / 100}%` }}
            title={`${label}: ${percent(weight)}`}
          >
            {weight >= 800 && <span>{percent(weight)}</span>}
          </span>
        ))}
        {shares.slice(0, -1).map(({ id, label }, index) => (
          <span
            key={id}
            role="slider"
            tabIndex={0}
            className="handle"
            aria-label={`Between ${label} and ${shares[index + 1]?.label}`}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={(ends[index] ?? 0) / 100}
            aria-valuetext={`${label} ${percent(weights[index] ?? 0)}, ${shares[index + 1]?.label} ${percent(weights[index + 1] ?? 0)}`}
            style={{ left: `${(ends[index] ?? 0) / 100}%` }}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={drag(index)}
            onKeyDown={press(index)}
          />
        ))}
      </div>
      <ul className="rollout-shares">
        {shares.map(({ id, label, color, weight }, index) => (
          <li key={id}>
            <span className={`swatch v${color}`} aria-hidden="true" />
            <span className="rollout-label">{label}</span>
            <PercentInput
              label={`Share of ${label}`}
              weight={weight}
              onChange={(wanted) => onChange(setWeight(weights, index, wanted))}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A share as text: it is taken when the field is left or on Enter, so that "2" on the way to "25" moves nothing. */
function PercentInput({
  label,
  weight,
  onChange,
}: {
  readonly label: string;
  readonly weight: number;
  readonly onChange: (weight: number) => void;
}) {
  const [text, setText] = useState<string>();
  const take = () => {
    const wanted = text === undefined ? undefined : readPercent(text);
    setText(undefined);
    if (wanted !== undefined && wanted !== weight) onChange(wanted);
  };
  return (
    <span className="percent">
      <input
        aria-label={label}
        inputMode="decimal"
        value={text ?? String(weight / 100)}
        aria-invalid={text !== undefined && text.trim() !== '' && readPercent(text) === undefined}
        onInput={(event) => setText(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            take();
          }
          const step = { ArrowUp: 100, ArrowDown: -100 }[event.key];
          if (step !== undefined) {
            event.preventDefault();
            setText(undefined);
            onChange(weight + step);
          }
        }}
      />
      %
    </span>
  );
}

import { memo } from 'react';

const WIDTH = 48;
const HEIGHT = 14;

/** A small line without scales: whether there was much or little, and when. What it says is said in text beside it. */
export const SparkLine = memo(function SparkLine({ values }: { readonly values: readonly number[] }) {
  const max = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => `${(index * step).toFixed(1)},${(HEIGHT - (value / max) * HEIGHT).toFixed(1)}`,
  );
  return (
    <svg className="spark" viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} aria-hidden="true" focusable="false">
      <polyline points={points.join(' ')} />
    </svg>
  );
});

// Volume over time: bars by hour; a pointer brushes them to narrow the list below, keys do so with the list's "Seen in".
// Plain SVG: a few hundred rectangles need no chart library.

import { useRef, useState } from 'preact/hooks';
import { count, exactTime, plural } from '../format.ts';

export interface VolumeCell {
  readonly hour: string;
  readonly count: number;
}

const HOUR_MS = 3_600_000;
const HEIGHT = 48;

/** Sums cells per hour over all rules, with empty hours between. */
export function hourly(cells: readonly VolumeCell[], sinceMs: number, untilMs: number): number[] {
  const bars = new Array<number>(Math.max(1, Math.ceil((untilMs - sinceMs) / HOUR_MS))).fill(0);
  for (const cell of cells) {
    const index = Math.floor((Date.parse(cell.hour) - sinceMs) / HOUR_MS);
    if (index >= 0 && index < bars.length) bars[index] = (bars[index] as number) + cell.count;
  }
  return bars;
}

export interface VolumeProps {
  readonly cells: readonly VolumeCell[];
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly onBrush: (range: { readonly since: string; readonly until: string } | undefined) => void;
  readonly brushed: boolean;
}

export function VolumeChart({ cells, sinceMs, untilMs, onBrush, brushed }: VolumeProps) {
  const bars = hourly(cells, sinceMs, untilMs);
  const top = Math.max(1, ...bars);
  const box = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | undefined>(undefined);
  const at = (event: PointerEvent): number => {
    const area = (box.current as SVGSVGElement).getBoundingClientRect();
    return Math.max(
      0,
      Math.min(bars.length - 1, Math.floor(((event.clientX - area.left) / area.width) * bars.length)),
    );
  };
  const finish = (): void => {
    if (drag === undefined) return;
    const from = Math.min(drag.from, drag.to);
    const to = Math.max(drag.from, drag.to) + 1;
    setDrag(undefined);
    onBrush({
      since: new Date(sinceMs + from * HOUR_MS).toISOString(),
      until: new Date(sinceMs + to * HOUR_MS).toISOString(),
    });
  };
  const hourText = (i: number): string => exactTime(new Date(sinceMs + i * HOUR_MS).toISOString());
  const total = bars.reduce((a, b) => a + b, 0);
  const busiest = bars.indexOf(Math.max(...bars));
  const summary = `${plural(total, 'alert')} in 7 days; the busiest hour, ${hourText(busiest)}, has ${count(bars[busiest] ?? 0)}`;
  return (
    <figure class="volume">
      <svg
        ref={box}
        role="img"
        aria-label={summary}
        viewBox={`0 0 ${bars.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: at(event), to: at(event) });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: at(event) })}
        onPointerUp={finish}
      >
        <rect class="ground" width={bars.length} height={HEIGHT} />
        {bars.map((n, i) => {
          const height = n === 0 ? 0 : Math.max(2, (n / top) * (HEIGHT - 2));
          return n === 0 ? null : (
            <rect key={hourText(i)} x={i + 0.1} width={0.8} y={HEIGHT - height} height={height}>
              <title>{`${hourText(i)}: ${count(n)}`}</title>
            </rect>
          );
        })}
        {drag && (
          <rect
            class="brush"
            x={Math.min(drag.from, drag.to)}
            width={Math.abs(drag.to - drag.from) + 1}
            height={HEIGHT}
          />
        )}
      </svg>
      <figcaption>
        <span>{hourText(0)}</span>
        <span>{plural(total, 'alert')}, by hour</span>
        {brushed ? (
          <button type="button" class="small" onClick={() => onBrush(undefined)}>
            Show all hours
          </button>
        ) : (
          <span>now</span>
        )}
      </figcaption>
    </figure>
  );
}

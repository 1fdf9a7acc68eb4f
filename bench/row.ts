/** Unit of a row's figures; `%` is percent of one core. */
export type Unit = 'ms' | '%' | 'MB';

/** What a figure of ours may be at most: a statistic of its samples, or its median against the median of another series. */
export type Target = { of: 'median' | 'p95' | 'max'; atMost: number } | { of: 'ratio'; to: string; atMost: number };

/** `ours` is judged, `part` is a share of ours, `baseline` is the way without cockpit, `floor` is what nobody can beat. */
export type Role = 'ours' | 'part' | 'baseline' | 'floor';

/** One way of doing the same thing and what it cost, sample by sample. */
export type Series = { role: Role; name: string; samples: number[]; targets?: Target[] };

/** One table: the same thing done in several ways in the same run. The first series is what the others are compared with. */
export type Outcome = { title: string; unit: Unit; series: Series[]; /** one line: what a reader has to know */ note?: string };

/** How much is measured. */
export type Effort = {
  sessions: number[];
  hosts: number[];
  /** Scales the number of samples; 1 is the usual. */
  rounds: number;
  agents: number;
};

/** One benchmark of the table. */
export type Row = {
  name: string;
  /** What is measured, in a few words. */
  about: string;
  /** Part of `quick`. */
  isQuick: boolean;
  run(effort: Effort): Promise<Outcome[]>;
};

// Generated from knowledge/attack.yaml by: node scripts/generate-attack-table.ts

export const ATTACK_VERSION = '19';

/** Ids that are no more, and what took their place. */
export const RETIRED_TECHNIQUES: Readonly<Record<string, string>> = {
  'T1070.002': 'T1685.006',
  T1562: 'T1685',
  'T1562.001': 'T1685',
  'T1562.004': 'T1686',
  'T1562.006': 'T1685',
};

/** What a refresh does to the glass. */
export type RefreshKind = 'full' | 'fast' | 'partial' | 'grey';

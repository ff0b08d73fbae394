export const LAY_THE_TAG = 'Put the tag that came with this hub on its reader.';
export const ASKS_AGAIN = 'The hub asks again by itself.';
export const ASK_THE_SELLER = 'If this stays so for a day, ask whoever gave you the hub.';

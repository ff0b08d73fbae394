/** Mutants that no schedule can tell from the true code, and why. */
export const EQUIVALENT = [
  {
    name: 'takes a lane that begins after a hole',
    // A hub sends from the number after its last acknowledgement on, and that is never above the mark of the cloud: only a
    // cloud that came back from a backup has a lower one, and it names what it lost before it lays anything end to end.
    why: 'no request of a true hub begins after the mark that the cloud then has',
  },
  {
    name: 'takes a stale acknowledgement for news',
    // What it names was deleted when its number was acknowledged first; deleting it again finds nothing.
    why: 'what lies below an acknowledgement is gone already',
  },
  {
    name: 'sends registers after the lanes instead of between them',
    // A request holds a hundred values beside its events, and what does not fit goes with the next one.
    why: 'their order inside of one request changes nothing once it is committed',
  },
] as const satisfies readonly { name: string; why: string }[];

export {
  AT_MOST_ONCE_KINDS,
  CLAIM_CODE_ALPHABET,
  ClaimCodeSchema,
  type Command,
  type CommandKind,
  CommandSchema,
  MAX_PAGE_TEXT_CHARACTERS,
  type Page,
  PageSchema,
  PictureRefSchema,
  PictureTypeSchema,
  SyncHintSchema,
  type Tombstone,
  TombstoneSchema,
  type UnknownCommand,
  UnknownCommandSchema,
} from './commands.js';
export {
  DEVICE_TOKEN_AUDIENCE,
  DEVICE_TOKEN_MAX_AGE_S,
  DeviceTokenClaimsSchema,
  DeviceTokenHeaderSchema,
} from './device-token.js';
export {
  type EventType,
  type HubEvent,
  HubEventSchema,
  type PresentationTimes,
  PresentationTimesSchema,
} from './events.js';
export { IdSchema, type Ink, InkSchema, Sha256Schema, ThingNameSchema, TimestampSchema } from './fields.js';
export { type Parsed, parseJson, parseMessage, type Refusal } from './parse.js';
export { type Problem, ProblemSchema } from './problem.js';
export {
  type DisplayState,
  DisplayStateSchema,
  type Heartbeat,
  HeartbeatSchema,
  type RequestClaim,
  RequestClaimSchema,
  type State,
  StateSchema,
} from './registers.js';
export {
  EpochSchema,
  GapSchema,
  type Lane,
  LaneSchema,
  LogSliceSchema,
  RegisterSchema,
  SYNC_VERSIONS,
  SYNC_WINDOW,
  type SyncEvent,
  SyncEventSchema,
  type SyncReply,
  SyncReplySchema,
  type SyncRequest,
  SyncRequestSchema,
} from './sync.js';
export {
  BACKEND_CLIENT_ID,
  backendFilter,
  deviceTopics,
  MAX_PAYLOAD_BYTES,
  parseUpTopic,
  type UpKind,
} from './topics.js';

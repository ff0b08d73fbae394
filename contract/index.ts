export {
  CertificateIdSchema,
  CommitCertificateSchema,
  CommittedCertificateSchema,
  ROTATION_TEMPLATE_NAME,
} from './certificates.js';
export { CLAIM_WORDS } from './claim-words.js';
export {
  AT_MOST_ONCE_KINDS,
  CLAIM_CODE_ALPHABET,
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
  type HubEvent,
  HubEventSchema,
  LANE_OF_EVENT,
  type PresentationTimes,
  RotationReasonSchema,
  type RotationStep,
  RotationStepSchema,
} from './events.js';
export { IdSchema, type Ink, InkSchema, Sha256Schema, ThingNameSchema, TimestampSchema } from './fields.js';
export { parseJson, parseMessage } from './parse.js';
export { type Problem, ProblemSchema } from './problem.js';
export {
  type Failure,
  FailureSchema,
  FormatQuerySchema,
  GivenIdSchema,
  IdempotencyKeySchema,
  MAX_ASSET_BYTES,
  type OutputFormat,
  OutputFormatSchema,
  PageQuerySchema,
  PlainTextSchema,
  PUBLIC_API_PREFIX,
} from './public-api.js';
export {
  AnalysesQuerySchema,
  type AnalysisEvent,
  AnalysisEventPageSchema,
  AnalysisEventSchema,
  AnalysisEventsQuerySchema,
  type AnalysisMode,
  AnalysisPageSchema,
  AnalysisStreamQuerySchema,
  type AnalysisTarget,
  AnalysisTargetSchema,
  type NewAnalysis,
  NewAnalysisSchema,
  type PublicAnalysis,
  PublicAnalysisSchema,
} from './public-api-analyses.js';
export {
  ContentPageSchema,
  ContentsQuerySchema,
  type NewAsset,
  type NewContent,
  NewContentSchema,
  NewTicketsSchema,
  type PublicAsset,
  type PublicContent,
  PublicContentSchema,
  type TicketedContent,
  TicketedContentSchema,
  type UploadTicket,
} from './public-api-contents.js';
export {
  AdvancedSchema,
  CurrentPresentationSchema,
  DisplayPageSchema,
  type PublicDisplay,
  PublicDisplaySchema,
  QueuePageSchema,
  QueueQuerySchema,
  ShowAgainSchema,
  ShownAgainSchema,
} from './public-api-displays.js';
export {
  type NewRendition,
  NewRenditionSchema,
  PresentationPageSchema,
  PresentationsQuerySchema,
  type PublicPresentation,
  PublicPresentationSchema,
  type PublicPresentationState,
  type Rendition,
  RenditionSchema,
} from './public-api-presentations.js';
export {
  type DisplayState,
  DisplayStateSchema,
  type Health,
  HealthSchema,
  type Heartbeat,
  HeartbeatSchema,
  RequestClaimSchema,
  type State,
  StateSchema,
} from './registers.js';
export {
  type Anchor,
  EpochSchema,
  type Gap,
  type GapReason,
  GapReasonSchema,
  type Lane,
  LaneSchema,
  logSlicesOf,
  type Register,
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
  type HardwareReport,
  HardwareReportSchema,
  NewTicketSchema,
  REGISTER_MAX_ITEMS,
  RegisteredHardwareSchema,
  RegisterHardwareSchema,
  TicketSchema,
  WORK_ORDER_SCHEME,
} from './technician.js';
export {
  BACKEND_CLIENT_ID,
  backendFilter,
  deviceTopics,
  MAX_PAYLOAD_BYTES,
  parseUpTopic,
} from './topics.js';

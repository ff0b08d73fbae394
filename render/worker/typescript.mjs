// Teaches a worker thread to read TypeScript, when everything runs from source. `--import tsx` does that for the main
// thread alone on Node 20.
import { register } from 'tsx/esm/api';

register();

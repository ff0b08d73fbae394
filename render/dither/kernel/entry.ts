export { colourNormal, colourStable } from './colour.js';
export { greyNormal, greyStable } from './grey.js';

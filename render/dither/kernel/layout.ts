// Where the tables lie in the memory that a kernel works on, in bytes. Read by TypeScript and by AssemblyScript alike.

/** Light is a whole number, 65536 for the panel's white. */
export const FULL_LIGHT = 65536;

/** Bits of the shares in which a pixel's error is handed on. */
export const SHARE_BITS = 10;

/** Ink index in the frame, one byte per ink of the tables. */
export const INK_OF = 0;
/** The colour in which a file names each ink, 0xRRGGBB. */
export const IDEAL = 16;
/** Rank 0 to 4095 of each of 64 x 64 places, two bytes each. */
export const MASK = 80;
export const MASK_SIDE = 64;
export const MASK_RANK_BITS = 12;
/** Grey: light that each value of red, green and blue adds, 256 words each. */
export const RED = MASK + 8192;
export const GREEN = RED + 1024;
export const BLUE = GREEN + 1024;
/** Grey: of light in steps of 4, the light to aim for (17 bits) and which shares to use (above). */
export const CURVE = BLUE + 1024;
export const CURVE_STEPS = 16384;
export const AIM_BITS = 17;
/** Grey: light of each level, and between which two the next is nearer. */
export const LEVEL_LIGHT = CURVE + 65552;
export const LEVEL_LIMIT = LEVEL_LIGHT + 64;
/** Grey: four shares of the error (ahead, behind below, below, ahead below) for 129 distances from a level. */
export const SHARES = LEVEL_LIMIT + 64;
export const GREY_BYTES = SHARES + 2064;

/** Colour: nodes on a side of the gamut map. */
export const NODES = 17;
/** Colour: the cube root of the light to aim for, 1 as 16384, red, green, blue and nothing, two bytes each. */
export const NODE_AIM = MASK + 8192;
/** Colour: light of each ink, red, green, blue and nothing, one word each. */
export const INK_LIGHT = NODE_AIM + 39312;
/** Colour: the ink for what a pixel wants, 32 x 32 x 32. */
export const NEAREST = INK_LIGHT + 256;
/** Colour: how much of each ink mixes a node's colour, in 4096ths, darkest ink first, two bytes each, 16 to a node. */
export const NODE_MIX = NEAREST + 262144;
export const MIX_LANES = 16;
/** Colour: which ink each lane of a mix is. */
export const LANE_INK = NODE_MIX + 157216;
export const COLOUR_BYTES = LANE_INK + 16;

/** Colour: what a pixel may want; more would smear one colour's error over the next object. */
export const LEAST_WANTED = -19661;
export const MOST_WANTED = 85196;

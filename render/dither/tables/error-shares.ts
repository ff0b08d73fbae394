/**
 * How a grey pixel's error is shared among its neighbours when the rows turn at their ends: ahead, behind below, below,
 * ahead below. `at` is how far the wanted light is from the nearer level, of the way to the next. Found by a search for
 * the least grain behind the eye's own blur (a Gaussian of 1 and of 2 pixels), without a preferred direction, on even
 * and nearly even areas; Floyd and Steinberg's 7, 3, 5 and 1 sixteenths was where it began.
 */
export const ERROR_SHARES: readonly { at: number; shares: readonly [number, number, number, number] }[] = [
  { at: 0, shares: [0.46, 0.362, 0.061, 0.117] },
  { at: 0.006, shares: [0.46, 0.362, 0.061, 0.117] },
  { at: 0.012, shares: [0.6, 0.363, 0.0, 0.037] },
  { at: 0.02, shares: [0.572, 0.385, 0.0, 0.043] },
  { at: 0.03, shares: [0.565, 0.401, 0.006, 0.029] },
  { at: 0.04, shares: [0.516, 0.43, 0.0, 0.054] },
  { at: 0.05, shares: [0.536, 0.396, 0.008, 0.061] },
  { at: 0.065, shares: [0.465, 0.416, 0.036, 0.084] },
  { at: 0.08, shares: [0.424, 0.407, 0.103, 0.066] },
  { at: 0.095, shares: [0.416, 0.282, 0.2, 0.102] },
  { at: 0.11, shares: [0.407, 0.284, 0.228, 0.082] },
  { at: 0.125, shares: [0.422, 0.393, 0.143, 0.041] },
  { at: 0.14, shares: [0.36, 0.429, 0.105, 0.105] },
  { at: 0.16, shares: [0.35, 0.423, 0.125, 0.102] },
  { at: 0.18, shares: [0.314, 0.319, 0.293, 0.074] },
  { at: 0.2, shares: [0.31, 0.374, 0.212, 0.104] },
  { at: 0.22, shares: [0.327, 0.282, 0.38, 0.011] },
  { at: 0.235, shares: [0.236, 0.273, 0.422, 0.068] },
  { at: 0.25, shares: [0.244, 0.229, 0.467, 0.06] },
  { at: 0.265, shares: [0.26, 0.215, 0.488, 0.037] },
  { at: 0.28, shares: [0.258, 0.209, 0.512, 0.021] },
  { at: 0.3, shares: [0.267, 0.215, 0.494, 0.024] },
  { at: 0.32, shares: [0.322, 0.207, 0.471, 0.0] },
  { at: 0.333, shares: [0.37, 0.232, 0.398, 0.0] },
  { at: 0.345, shares: [0.38, 0.278, 0.333, 0.01] },
  { at: 0.36, shares: [0.391, 0.284, 0.325, 0.0] },
  { at: 0.385, shares: [0.417, 0.278, 0.295, 0.01] },
  { at: 0.41, shares: [0.428, 0.292, 0.28, 0.0] },
  { at: 0.44, shares: [0.408, 0.275, 0.301, 0.017] },
  { at: 0.47, shares: [0.367, 0.288, 0.336, 0.009] },
  { at: 0.5, shares: [0.35, 0.284, 0.352, 0.014] },
];

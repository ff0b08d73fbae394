import { BLUE_STEP, cell, cube, firstStep, GREEN_STEP, larger, lastStep, place, RED_STEP, smaller } from './cell.js';
import { NODE_AIM } from './layout.js';
import { byteAt, halfAt, setWord } from './memory.js';

/**
 * The light to aim for at each pixel of a row of RGB, four words a pixel: red, green, blue and nothing. Between the
 * nodes of the gamut map lies what its four nearest corners say.
 */
export function aimRow(input: i32, aims: i32, width: i32): void {
  let pixel = input;
  let aim = aims;
  for (let left = width; left > 0; left -= 1) {
    const redPlace = place(byteAt(pixel));
    const greenPlace = place(byteAt(pixel + 1));
    const bluePlace = place(byteAt(pixel + 2));
    const redCell = cell(redPlace);
    const greenCell = cell(greenPlace);
    const blueCell = cell(bluePlace);
    const red = redPlace - (redCell << 8);
    const green = greenPlace - (greenCell << 8);
    const blue = bluePlace - (blueCell << 8);
    const most = larger(red, larger(green, blue));
    const least = smaller(red, smaller(green, blue));
    const middle = red + green + blue - most - least;
    const node0 = NODE_AIM + ((redCell * RED_STEP + greenCell * GREEN_STEP + blueCell) << 3);
    const node1 = node0 + (firstStep(red, green, most) << 3);
    const node3 = node0 + ((RED_STEP + GREEN_STEP + BLUE_STEP) << 3);
    const node2 = node3 - (lastStep(green, blue, least) << 3);
    const part0 = 256 - most;
    const part1 = most - middle;
    const part2 = middle - least;
    for (let axis = 0; axis < 3; axis += 1) {
      const at = axis << 1;
      const root =
        halfAt(node0 + at) * part0 +
        halfAt(node1 + at) * part1 +
        halfAt(node2 + at) * part2 +
        halfAt(node3 + at) * least;
      setWord(aim + (axis << 2), cube(root >> 8));
    }
    pixel += 3;
    aim += 16;
  }
}

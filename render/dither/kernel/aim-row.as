// What aim-row.ts is in WebAssembly: the three channels of a pixel side by side in one register.
import { BLUE_STEP, cell, firstStep, GREEN_STEP, larger, lastStep, place, RED_STEP, smaller } from './cell.js';
import { NODE_AIM } from './layout.js';

export function aimRow(input: i32, aims: i32, width: i32): void {
  let pixel = input;
  let aim = aims;
  for (let left = width; left > 0; left -= 1) {
    const redPlace = place(load<u8>(pixel));
    const greenPlace = place(load<u8>(pixel, 1));
    const bluePlace = place(load<u8>(pixel, 2));
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
    const low = i32x4.add(
      i32x4.mul(v128.load16x4_u(node0), i32x4.splat(256 - most)),
      i32x4.mul(v128.load16x4_u(node1), i32x4.splat(most - middle)),
    );
    const high = i32x4.add(
      i32x4.mul(v128.load16x4_u(node2), i32x4.splat(middle - least)),
      i32x4.mul(v128.load16x4_u(node3), i32x4.splat(least)),
    );
    const root = i32x4.shr_s(i32x4.add(low, high), 8);
    const square = i32x4.shr_s(i32x4.mul(root, root), 12);
    v128.store(aim, i32x4.shr_s(i32x4.mul(square, root), 14));
    pixel += 3;
    aim += 16;
  }
}

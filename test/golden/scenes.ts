import type { Scene, SceneNode } from '../../render/index.js';

const READINGS = [3, 5, 4, 6, 8, 7, null, 9, 11, 10, 12, 9, 8, 8, 6];
const POWER = [-2, -1, 0, 3, 7, 9, 8, 4, 1, -1, -3, -2];

/** Every element of a scene; `picture` is its one asset. */
export function everyElement(theme: 'light' | 'dark'): Scene {
  return {
    version: 1,
    theme,
    lang: 'en',
    root: {
      type: 'column',
      padding: '3u',
      gap: '2u',
      children: [
        heading(),
        { type: 'line', thickness: 2, ink: 'red' },
        {
          type: 'row',
          gap: '3u',
          grow: 1,
          children: [
            { type: 'column', gap: '2u', grow: 3, children: [weather(), departures()] },
            { type: 'line', dash: 4 },
            { type: 'column', gap: '2u', grow: 2, children: [charts(), pictures()] },
          ],
        },
        {
          type: 'row',
          gap: '2u',
          align: 'centre',
          children: [
            { type: 'icon', name: 'battery-60', size: '5u' },
            { type: 'progress', share: 0.6, grow: 1, ink: 'green' },
            { type: 'text', text: '60 %', size: '4u', tabular: true },
          ],
        },
      ],
    },
  };
}

function heading(): SceneNode {
  return {
    type: 'row',
    gap: '2u',
    align: 'centre',
    children: [
      { type: 'icon', name: 'home', size: '8u', ink: 'blue' },
      { type: 'text', text: 'Home', size: '7u', bold: true, grow: 1 },
      {
        type: 'box',
        padding: { top: '1u', bottom: '1u', left: '2u', right: '2u' },
        radius: '2u',
        ink: 'text',
        child: { type: 'text', text: 'Tuesday', size: '4u', ink: 'background' },
      },
    ],
  };
}

function weather(): SceneNode {
  return {
    type: 'box',
    border: 2,
    radius: '3u',
    padding: '2u',
    child: {
      type: 'row',
      gap: '2u',
      align: 'centre',
      children: [
        { type: 'icon', name: 'partly-cloudy-day', size: 96, ink: 'yellow' },
        {
          type: 'column',
          grow: 1,
          children: [
            { type: 'text', text: '12°', size: '12u', bold: true },
            { type: 'text', text: 'Cloudy, some sun in the afternoon', size: '4u', maxLines: 2 },
          ],
        },
      ],
    },
  };
}

function departures(): SceneNode {
  return {
    type: 'table',
    size: '4u',
    gap: '3u',
    rowGap: '2u',
    rules: true,
    grow: 1,
    columns: [{}, { grow: 1 }, { align: 'end' }],
    header: ['Line', 'To', 'Leaves'],
    rows: [
      [{ type: 'icon', name: 'tram', size: '5u' }, 'Harbour', '3 min'],
      [{ type: 'icon', name: 'bus', size: '5u' }, 'University and old town', '12:45'],
      [{ type: 'icon', name: 'train', size: '5u' }, 'Airport', '13:02'],
    ],
  };
}

function charts(): SceneNode {
  return {
    type: 'column',
    gap: '2u',
    grow: 1,
    children: [
      {
        type: 'chart',
        kind: 'sparkline',
        values: READINGS,
        bounds: { min: '3°', max: '12°' },
        ink: 'blue',
        axis: true,
      },
      { type: 'chart', kind: 'bars', values: POWER, axis: true, labels: ['0', '2', '4', '6', '8', '10', '12', '14'] },
    ],
  };
}

function pictures(): SceneNode {
  return {
    type: 'row',
    gap: '2u',
    grow: 1,
    children: [
      { type: 'qr', text: 'https://inklet.example/' },
      {
        type: 'stack',
        align: 'centre',
        grow: 1,
        children: [
          { type: 'region', fill: { from: '#ffffff', to: '#404040' }, mode: 'stable' },
          { type: 'image', asset: 'picture', width: '60%', height: '60%' },
        ],
      },
    ],
  };
}

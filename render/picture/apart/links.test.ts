import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { test as base, expect } from 'vitest';
import { z } from 'zod';
import { readPictureApart } from './read-picture-apart.js';

const ASKED = { type: 'image/svg+xml', place: { width: 40, height: 20 }, fit: 'fill' } as const;
const NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20"';

/** A folder with black pictures, and a port of loopback that counts who connects. */
const test = base.extend<{ folder: string; web: { url: string; connections: () => number } }>({
  folder: async ({ task: _ }, use) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'inklet-svg-'));
    const black = { create: { width: 40, height: 20, channels: 3, background: '#000000' } } as const;
    writeFileSync(path.join(folder, 'black.png'), await sharp(black).png().toBuffer());
    writeFileSync(path.join(folder, 'black.svg'), `<svg ${NAMES}><rect id="r" width="40" height="20"/></svg>`);
    writeFileSync(path.join(folder, 'black.css'), 'rect { fill: #000000 !important }');
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  web: async ({ task: _ }, use) => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(server.address());
    await use({ url: `http://127.0.0.1:${port}`, connections: () => connections });
    await new Promise((resolve) => server.close(resolve));
  },
});

/** Everything by which an SVG may ask for something outside, in one drawing; each would show black or a red word. */
function linksTo(base: string): string {
  const [png, svg, css] = ['png', 'svg', 'css'].map((ending) => `${base}/black.${ending}`);
  const nested = `<svg ${NAMES}><image href="${png}" width="40" height="20"/></svg>`;
  return `<?xml version="1.0"?>
    <?xml-stylesheet href="${css}" type="text/css"?>
    <svg ${NAMES} xmlns:xi="http://www.w3.org/2001/XInclude" xml:base="${base}/">
    <style>@import url("${css}"); @font-face { font-family: "F"; src: url("${base}/black.woff") }</style>
    <style>#styled { fill: url(${svg}#r) #ffffff; mask: url("${svg}#r"); cursor: url(${png}) }</style>
    <rect width="40" height="20" fill="#ffffff"/>
    <rect id="styled" width="40" height="20"/>
    <defs><filter id="f"><feImage href="${png}"/></filter>
    <pattern id="p" width="40" height="20"><image href="${png}" width="40" height="20"/></pattern></defs>
    <image href="${png}" width="40" height="20"/><image xlink:href="${png}" width="40" height="20"/>
    <image href="black.png" width="40" height="20"/><image href="${svg}" width="40" height="20"/>
    <image href="data:image/svg+xml;base64,${Buffer.from(nested).toString('base64')}" width="40" height="20"/>
    <use href="${svg}#r"/><use xlink:href="black.svg#r"/>
    <rect width="40" height="20" fill="url(#p)"/>
    <g opacity="0.5"><rect width="40" height="20" fill="#ffffff" filter="url(#f)"/></g>
    <g><xi:include href="${svg}" parse="xml"/><xi:include href="${css}" parse="text"/></g>
    <script href="${base}/black.js"/><foreignObject width="40" height="20"><iframe src="${svg}"/></foreignObject></svg>`;
}

async function coloursOf(svg: string): Promise<Set<number>> {
  return new Set((await readPictureApart(Buffer.from(svg), ASKED)).rgb);
}

test('a picture inside the SVG itself is shown', async ({ folder }) => {
  const png = await sharp(path.join(folder, 'black.png')).toBuffer();
  const inside = `data:image/png;base64,${png.toString('base64')}`;
  expect(await coloursOf(`<svg ${NAMES}><image href="${inside}" width="40" height="20"/></svg>`)).toEqual(new Set([0]));
});

test('no file is read for an SVG, by whatever name it asks', async ({ folder }) => {
  for (const base of [pathToFileURL(folder).href, folder]) {
    expect(await coloursOf(linksTo(base)), base).toEqual(new Set([255]));
  }
});

test('nobody is called for an SVG', async ({ web }) => {
  for (const base of [web.url, web.url.replace('http:', '')]) {
    expect(await coloursOf(linksTo(base)), base).toEqual(new Set([255]));
  }
  expect(web.connections()).toBe(0);
});

test('an entity from outside is not known', async ({ folder }) => {
  const outside = pathToFileURL(path.join(folder, 'black.svg')).href;
  const svg = `<!DOCTYPE svg [<!ENTITY outside SYSTEM "${outside}">]><svg ${NAMES}>&outside;</svg>`;
  await expect(coloursOf(svg)).rejects.toMatchObject({ code: 'render.picture-broken' });
});

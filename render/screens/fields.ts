import { z } from 'zod';

/** Fields that several screens take. */
export const WordsSchema = z.string().trim().min(1).max(200);
export const ParagraphsSchema = z.string().trim().min(1).max(10_000);
/** Names that other parts of the house give; whatever they are, a screen shows as much as fits. */
export const NameSchema = z.string().max(10_000);

export const PictureSchema = z
  .string()
  .min(1)
  .max(8_000_000)
  .describe('the name of a picture that comes with the data, or a `data:` URL with its bytes in base64');

/* Hooks of the module loader, for versions of Node where these run in a thread of their own. */
import { instead } from "./vitest-resolve.cjs";

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  return { ...found, url: instead(specifier, found.url) };
}

/** Tollgate's mark: a raised barrier. Used as the icon of its pages and in GraphiQL. */
export const MARK = [
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28">',
  '<rect width="32" height="32" rx="7" fill="#1f3a5f"/>',
  '<path d="M9.5 18.5 25 8" stroke="#f4b740" stroke-width="3.5" stroke-linecap="round"/>',
  '<path d="M15 14.8l3.1-2.1" stroke="#1f3a5f" stroke-width="3.5"/>',
  '<path d="M9 26V15" stroke="#fff" stroke-width="4" stroke-linecap="round"/>',
  '<circle cx="9" cy="18" r="2" fill="#1f3a5f"/></svg>',
].join('');

/** The mark as an address, for the icon of a page. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(MARK)}`;

/** Two frames, one in the other: inside the page, so that no browser asks for a file. */
const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b7285"/>' +
  '<path d="M7 7h18v18H7z" fill="none" stroke="#fff" stroke-width="2.5"/><path d="M13 13h6v6h-6z" fill="#fff"/></svg>'

export const icon: string = `data:image/svg+xml,${encodeURIComponent(drawing)}`

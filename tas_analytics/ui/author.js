// Keeps the visitor's name for a year, in a cookie that no other site sees.
export default function (component) {
  const { cookie, name } = component.data;
  document.cookie =
    `${cookie}=${encodeURIComponent(name)}; path=/; max-age=31536000; samesite=strict`;
}

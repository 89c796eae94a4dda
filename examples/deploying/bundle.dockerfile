FROM node:24-slim AS build
WORKDIR /app
COPY . .
RUN npm ci && npx esbuild server.mjs --bundle --platform=node --format=esm --outfile=dist/server.mjs
RUN cp node_modules/@frameport/iocp-core-linux-*/frameport.node dist/

FROM node:24-slim
COPY --from=build /app/dist /app
ENV FRAMEPORT_ADDON=/app/frameport.node
USER node
CMD ["node", "/app/server.mjs"]

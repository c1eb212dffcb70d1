# The gateway for a PostgreSQL set-up. Build: docker build -t tollgate .
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install script is needed: every binary ships inside its package.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run generate && npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
# The peers that npm would add are the tools of the build.
RUN npm ci --omit=dev --omit=optional --omit=peer --ignore-scripts && npm cache clean --force
COPY --from=build /app/dist ./dist
COPY prisma ./prisma
COPY scripts/node-version.js scripts/production.mjs ./scripts/
USER node
# In a container the loopback address reaches nobody.
ENV HOST=0.0.0.0 PORT=4000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD node -e "fetch('http://127.0.0.1:'+process.env.PORT+'/ready').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
# Node as process 1 receives SIGTERM itself and drains. The flags are those of `npm start`.
CMD ["node", "--max-semi-space-size=32", "--import=./scripts/production.mjs", "dist/main.js"]

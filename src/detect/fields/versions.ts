// The versions of Falco that Yarak speaks. The one place that knows them.

/** Falco's rule engine (falcosecurity/falco, userspace/engine/falco_engine_version.h). */
export const ENGINE_VERSION = '0.63.0';

/** Plugins whose sources and fields are built in, by the name that `required_plugin_versions` uses. */
export const PLUGIN_VERSIONS: Readonly<Record<string, string>> = {
  container: '0.4.0',
  k8saudit: '0.18.0',
  json: '0.7.0',
  // The newest releases that are known (2025 and 2026); their fields are what the catalogues hold.
  cloudtrail: '0.17.1',
  github: '0.10.0',
  okta: '0.12.0',
  gcpaudit: '0.7.0',
};

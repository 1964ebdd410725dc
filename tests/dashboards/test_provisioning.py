"""The files that start Prometheus and Grafana fit each other: paths, ports, the scrape interval."""

import os
import re
import unittest

import yaml

import checks


def load(*path):
    with open(os.path.join(checks.DASHBOARDS, *path), encoding="utf-8") as file:
        return yaml.safe_load(file)


def mounts(service):
    """{path inside: path here}, without named volumes."""
    parts = [volume.split(":") for volume in service["volumes"]]
    return {part[1]: part[0] for part in parts if part[0].startswith(".")}


class Provisioning(unittest.TestCase):
    def setUp(self):
        self.services = load("compose.yaml")["services"]
        self.prometheus = load("prometheus", "prometheus.yml")

    def test_images_are_pinned(self):
        for name, service in self.services.items():
            self.assertRegex(service["image"], r":v?\d+\.\d+\.\d+$", name)

    def test_both_share_the_network_of_the_exporter_and_hide_in_it(self):
        for name, service in self.services.items():
            self.assertEqual(service["network_mode"], "host", name)
            self.assertNotIn("ports", service)
        self.assertIn("--web.listen-address=127.0.0.1:9090", self.services["prometheus"]["command"])
        self.assertEqual(self.services["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"],
                         "127.0.0.1")

    def test_what_is_mounted_exists_and_cannot_be_written(self):
        for service in self.services.values():
            self.assertTrue(mounts(service))
            for path in mounts(service).values():
                self.assertTrue(os.path.exists(os.path.join(checks.DASHBOARDS, path)), path)
            for volume in service["volumes"]:
                self.assertEqual(volume.startswith("."), volume.endswith(":ro"), volume)

    def test_prometheus_finds_its_configuration_and_rules(self):
        service = self.services["prometheus"]
        (inside, here), = mounts(service).items()
        config = next(re.search("--config.file=(.*)", argument)[1]
                      for argument in service["command"] if "--config.file" in argument)
        self.assertEqual(os.path.dirname(config), inside)
        for name in [os.path.basename(config), *self.prometheus["rule_files"]]:
            self.assertTrue(os.path.exists(os.path.join(checks.DASHBOARDS, here, name)), name)

    def test_grafana_finds_the_dashboards(self):
        inside = mounts(self.services["grafana"])
        self.assertEqual(inside["/etc/grafana/provisioning"], "./grafana/provisioning")
        provider, = load("grafana", "provisioning", "dashboards", "sseprof.yaml")["providers"]
        folder = provider["options"]["path"]
        self.assertEqual(inside[folder], "./grafana/json")
        home = self.services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertEqual(os.path.dirname(home), folder)
        self.assertIn(os.path.basename(home), checks.load_all())

    def test_grafana_asks_this_prometheus_at_its_pace(self):
        source, = load("grafana", "provisioning", "datasources", "prometheus.yaml")["datasources"]
        self.assertEqual(source["url"], "http://127.0.0.1:9090")
        interval = self.prometheus["global"]["scrape_interval"]
        self.assertEqual(source["jsonData"]["timeInterval"], interval)
        environment = self.services["grafana"]["environment"]
        self.assertEqual(environment["GF_DASHBOARDS_MIN_REFRESH_INTERVAL"], interval)

    def test_both_jobs_look_where_programs_listen_by_default(self):
        targets = {job["job_name"]: job["static_configs"][0]["targets"]
                   for job in self.prometheus["scrape_configs"]}
        self.assertEqual(targets, {"sseprof": ["127.0.0.1:9464"], "server": ["127.0.0.1:8000"]})


if __name__ == "__main__":
    unittest.main()

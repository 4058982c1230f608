resource "kubernetes_cron_job_v1" "nightly" {
  metadata {
    name = "nightly"
  }
  spec {
    schedule = "0 1 * * *"
    job_template {
      metadata {}
      spec {
        template {
          metadata {}
          spec {
            node_selector = {
              "topology.gke.io/zone" = "us-central1-a" # expect: SOV108
            }
            container {
              name  = "dump"
              image = "public.ecr.aws/acme/dump:1" # expect: SOV501
            }
          }
        }
      }
    }
  }
}

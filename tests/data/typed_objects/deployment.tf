resource "kubernetes_deployment_v1" "web" {
  metadata {
    name = "web"
    annotations = {
      "eks.amazonaws.com/role-arn" = "x" # expect: SOV403
    }
  }
  spec {
    selector {
      match_labels = { app = "web" }
    }
    template {
      metadata {
        labels = { app = "web" }
      }
      spec {
        node_selector = {
          "topology.kubernetes.io/region" = "us-east-1" # expect: SOV108
        }
        affinity {
          node_affinity {
            required_during_scheduling_ignored_during_execution {
              node_selector_term {
                match_expressions {
                  key      = "topology.kubernetes.io/zone"
                  operator = "In"
                  values   = ["us-west-2a"] # expect: SOV108
                }
              }
            }
            preferred_during_scheduling_ignored_during_execution {
              weight = 1
              preference {
                match_expressions {
                  key      = "topology.kubernetes.io/region"
                  operator = "In"
                  values   = ["us-east-2"] # expect: SOV108
                }
                match_expressions {
                  key      = "topology.kubernetes.io/region"
                  operator = "NotIn"
                  values   = ["us-west-1"]
                }
              }
            }
          }
        }
        init_container {
          name  = "init"
          image = "quay.io/acme/init:1" # expect: SOV501
        }
        container {
          name  = "web"
          image = "ghcr.io/acme/web:1" # expect: SOV501
          env {
            name  = "AWS_REGION"
            value = "us-east-1" # expect: SOV107
          }
          env {
            name  = "SENTRY_DSN"
            value = "https://abc@o1.ingest.sentry.io/1" # expect: SOV604
          }
          env {
            name = "FROM"
            value_from {
              field_ref {
                field_path = "metadata.name"
              }
            }
          }
        }
        dns_config {
          nameservers = ["8.8.8.8"] # expect: SOV703
        }
      }
    }
  }
}

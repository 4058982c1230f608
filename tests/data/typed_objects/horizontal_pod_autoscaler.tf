resource "kubernetes_horizontal_pod_autoscaler_v2" "web" {
  metadata {
    name = "web"
    annotations = {
      "eks.amazonaws.com/role-arn" = "x" # expect: SOV403
    }
  }
  spec {
    max_replicas = 3
    scale_target_ref {
      kind = "Deployment"
      name = "web"
    }
    metric {
      type = "External"
      external {
        metric {
          name = "queue"
        }
      }
    }
  }
}

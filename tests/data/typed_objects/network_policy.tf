resource "kubernetes_network_policy_v1" "out" {
  metadata {
    name = "out"
    annotations = {
      "eks.amazonaws.com/role-arn" = "x" # expect: SOV403
    }
  }
  spec {
    pod_selector {}
    policy_types = ["Egress"]
    egress {
      to {
        ip_block {
          cidr = "8.8.8.8/32"
        }
      }
    }
  }
}

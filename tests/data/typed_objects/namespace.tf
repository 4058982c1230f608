resource "kubernetes_namespace_v1" "prod" {
  metadata {
    name = "prod"
    annotations = {
      "eks.amazonaws.com/role-arn" = "x" # expect: SOV403
    }
  }
}

resource "kubernetes_service_account_v1" "app" {
  metadata {
    name = "app"
    annotations = {
      "eks.amazonaws.com/role-arn" = "arn:aws:iam::1:role/app" # expect: SOV403
    }
  }
}

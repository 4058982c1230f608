resource "kubernetes_service" "db" {
  metadata {
    name = "db"
  }
  spec {
    type          = "ExternalName"
    external_name = "db.abc.us-east-1.rds.amazonaws.com" # expect: SOV107
  }
}

resource "kubernetes_ingress" "web" {
  metadata {
    name = "web"
    annotations = {
      "kubernetes.io/ingress.class" = "gce" # expect: SOV403
    }
  }
}

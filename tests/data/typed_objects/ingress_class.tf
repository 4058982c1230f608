resource "kubernetes_ingress_class_v1" "alb" {
  metadata {
    name = "alb"
  }
  spec {
    controller = "ingress.k8s.aws/alb" # expect: SOV403
  }
}

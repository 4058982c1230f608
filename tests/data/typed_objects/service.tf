resource "kubernetes_service_v1" "web" {
  metadata {
    name = "web"
    annotations = {
      "service.beta.kubernetes.io/aws-load-balancer-type" = "nlb" # expect: SOV403
    }
  }
  spec {
    type                = "LoadBalancer"
    load_balancer_class = "service.k8s.aws/nlb" # expect: SOV403
    port {
      port = 443
    }
  }
}

resource "kubernetes_ingress_v1" "web" {
  metadata {
    name = "web"
    annotations = {
      "alb.ingress.kubernetes.io/scheme" = "internet-facing" # expect: SOV403
    }
  }
  spec {
    ingress_class_name = "alb" # expect: SOV403
    rule {
      host = "web.example.eu"
      http {
        path {
          path      = "/"
          path_type = "Prefix"
          backend {
            service {
              name = "web"
              port {
                number = 80
              }
            }
          }
        }
      }
    }
    tls {
      hosts = ["web.example.eu"]
    }
  }
}

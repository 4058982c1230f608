resource "kubernetes_pod" "one" {
  metadata {
    name = "one"
  }
  spec {
    container {
      name  = "one"
      image = "docker.io/acme/one:1" # expect: SOV501
    }
    volume {
      name = "token"
      projected {
        sources {
          service_account_token {
            path     = "token"
            audience = "sts.amazonaws.com" # expect: SOV403
          }
        }
      }
    }
    volume {
      name = "secrets"
      csi {
        driver = "ebs.csi.aws.com" # expect: SOV403
      }
    }
  }
}

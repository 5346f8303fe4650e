import "../../dist/ui/index.js";

const element = document.createElement("cognito-sign-in");
element.setAttribute("user-pool-id", "eu-west-1_AbCdEfGhI");
element.setAttribute("client-id", "1h57kf5cpq17m0eml12EXAMPLE");
document.querySelector("#root").append(element);

from locust import FastHttpUser, HttpUser, task


class Default(HttpUser):
    @task
    def get(self):
        with self.client.get("/", catch_response=True) as response:
            if len(response.content) != 200:
                response.failure("no body")


class Fast(FastHttpUser):
    @task
    def get(self):
        with self.client.get("/", catch_response=True) as response:
            if len(response.content) != 200:
                response.failure("no body")

# What a zygote of resident workers asks, so that the interpreter has stopped rewriting the code that answers.
def validate(event, context):
    command = event["toolInput"]["command"]
    return {"decision": "ask", "reason": command[:8]} if "rm" in command.split() else {"context": event["name"]}

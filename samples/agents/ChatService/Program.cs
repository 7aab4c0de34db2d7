using ChatService;

// A chat service: streamed answers, a session for every user and conversation, health checks, and one Redis for all instances.
//   dotnet run --project samples/agents/ChatService                  serves; instances with a Redis share what they remember: -- --Aegis:Redis=127.0.0.1:6379 --Aegis:ProvenanceKey=KEY
//   dotnet run --project samples/agents/ChatService -- --demo        serves itself on a free port, talks to itself as two users, and ends
if (args.Contains("--demo"))
{
    return await Demo.RunAsync();
}

await using var app = Service.Build(args, Model.Create);
await app.RunAsync();
return 0;

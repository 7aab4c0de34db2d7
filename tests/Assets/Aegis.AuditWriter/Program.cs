using Aegis;

// Inspects until somebody ends it, and says the id of each inspection when it may go on: then its record must be there.
var policy = new AegisPolicy { Scanner = null, DenialOfWallet = null, Audit = new() { Path = args[0], Key = args[1], Required = true, CheckpointTo = args[2], CheckpointRecords = 20, Rotation = new() { Size = 64 << 10, Keep = 10_000 }, Timeout = TimeSpan.FromMinutes(1) } };
var guard = AegisGuard.Create(policy);
var output = Console.Out;
await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
{
    var session = new SessionId(FormattableString.Invariant($"s{i}"));
    while (true)
    {
        var outcome = await guard.InspectAsync(new UserInput("x"), session);
        if (outcome.MayProceed)
        {
            lock (output)
            {
                output.WriteLine(outcome.Id);
                output.Flush();
            }
        }
    }
}));

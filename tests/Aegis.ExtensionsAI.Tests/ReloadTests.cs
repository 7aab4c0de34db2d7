using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.ExtensionsAI.Tests;

public class ReloadTests
{
    // A reload while a text is inspected: what the old policy said is remembered as the new one's word.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatTheOldPolicyPassedIsNotRememberedForTheNewOne(bool during)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, """{ "extends": "balanced" }""", Some.Token);
        var time = new FakeTimeProvider();
        void Change()
        {
            File.WriteAllText(path, """{ "extends": "balanced", "input": { "blockPatterns": ["secret"] } }""");
            time.Advance(TimeSpan.FromSeconds(4));
        }

        var probe = new Probe();
        using var guard = AegisGuard.Create(AegisPolicy.Load(path), aegis => aegis.UseTimeProvider(time).ReloadFrom(path).AddGuard(probe));
        var model = new ScriptedChatClient();
        var client = model.AsBuilder().UseAegis(guard).Build();
        using var scope = AegisScope.Begin("c1");
        probe.Act = during ? Change : null;
        Assert.Equal("Done.", (await client.GetResponseAsync("my secret", cancellationToken: Some.Token)).Text);
        probe.Act = null;
        if (!during)
        {
            Change();
        }

        Assert.Single(guard.Policy.Input.BlockPatterns);
        Assert.NotEqual("Done.", (await client.GetResponseAsync("my secret", cancellationToken: Some.Token)).Text);   // the same text, under the new policy
    }

    private sealed class Probe : IGuard<UserInput>
    {
        public Action? Act { get; set; }

        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken)
        {
            Act?.Invoke();
            Act = null;
            return new(Verdict.None);
        }
    }
}

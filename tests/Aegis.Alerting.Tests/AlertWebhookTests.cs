using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Aegis.Policies;

namespace Aegis.Alerting.Tests;

/// <summary>Promise P38, against real receivers.</summary>
public class AlertWebhookTests
{
    private const string Host = "localhost";

    private static readonly byte[] Key = Encoding.UTF8.GetBytes(new string('k', 32));

    private static readonly Alert Alert = new() { Id = "0123456789abcdef0123456789abcdef", Rule = "spike", Value = 21, Threshold = 20, Window = TimeSpan.FromMinutes(1), Event = "scan_block", Policy = "p" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnAlertArrivesOverHttpsAndItsSignatureVerifies()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        using var webhook = Sender(receiver);
        await webhook.SendAsync(Alert, Target(receiver), Cancel);
        var received = Assert.Single(receiver.All);
        Assert.Equal(("POST", "/S3CR3T-TAINT", Host, "application/json"), (received.Method, received.Path, received.Host, received.Headers["Content-Type"]));
        Assert.True(Verifies(received, Key));
        Assert.False(Verifies(received with { Body = Encoding.UTF8.GetBytes(received.Text.Replace("21", "22", StringComparison.Ordinal)) }, Key));
        Assert.InRange(long.Parse(received.Headers["webhook-timestamp"], null), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds());
    }

    [Fact]
    public async Task ACertificateThatNobodyVouchesForIsNotTrusted()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        using var webhook = new AlertWebhook(new() { AllowLoopback = true, MaxRetries = 0 }, null, Loopback, null);
        Assert.Equal(AlertWebhookFailure.Unreachable, (await Fails(webhook, Target(receiver))).Failure);
        Assert.Empty(receiver.All);
    }

    /// <summary>Seven ways to say a private address, against one who listens there. Nobody even connects.</summary>
    [Theory]
    [InlineData("https://2130706433:{0}/")]                              // decimal
    [InlineData("https://0177.0.0.1:{0}/")]                              // octal
    [InlineData("https://0x7f.0.0.1:{0}/")]                              // hexadecimal
    [InlineData("https://[::ffff:127.0.0.1]:{0}/")]                      // IPv4 in IPv6
    [InlineData("https://[::1]:{0}/")]                                   // IPv6 local
    [InlineData("https://[fe80::1]:{0}/")]
    [InlineData("https://private.example.com:{0}/")]                     // a name that leads there
    [InlineData("https://mixed.example.com:{0}/")]                       // or there among others
    [InlineData("https://mapped.example.com:{0}/")]
    [InlineData("https://nowhere.example.com:{0}/")]
    [InlineData("https://hooks.slack.com@127.0.0.1:{0}/services/x")]     // user information
    [InlineData("https://127.0.0.1:{0}/")]
    public async Task APrivateAddressIsNotConnectedToHoweverItIsSaid(string address)
    {
        await using var receiver = await Receiver.StartAsync(Host);
        using var webhook = new AlertWebhook(new() { Timeout = TimeSpan.FromSeconds(60) }, new PromptTimers(), Resolve, null);
        var target = new AlertTarget(new(string.Format(null, address, receiver.Port)), WebhookFormat.Generic, default);
        Assert.Equal(AlertWebhookFailure.PrivateAddress, (await Fails(webhook, target)).Failure);
        Assert.Equal(0, receiver.Connections);

        static Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>(host switch
        {
            "private.example.com" => [IPAddress.Loopback],
            "mixed.example.com" => [IPAddress.Parse("8.8.8.8"), IPAddress.Loopback],
            "mapped.example.com" => [IPAddress.Parse("::ffff:127.0.0.1")],
            "nowhere.example.com" => [],
            _ => throw new InvalidOperationException(host),
        });
    }

    /// <summary>Also where a receiver on this machine may be addressed: by its own name, and by no public one.</summary>
    [Fact]
    public async Task APublicNameDoesNotLeadToThisMachine()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        using var webhook = new AlertWebhook(new() { AllowLoopback = true, MaxRetries = 0 }, null, static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), Trust(receiver));
        Assert.Equal(AlertWebhookFailure.PrivateAddress, (await Fails(webhook, new(new($"https://alerts.example.com:{receiver.Port}/"), WebhookFormat.Generic, Key))).Failure);
        Assert.Equal(0, receiver.Connections);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task ARedirectIsNotFollowed(int status)
    {
        await using var elsewhere = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync(Host);
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"http://127.0.0.1:{elsewhere.Port}/latest/meta-data/";
            return Task.CompletedTask;
        };
        using var webhook = Sender(receiver);
        var failure = await Fails(webhook, Target(receiver));
        Assert.Equal((AlertWebhookFailure.Redirected, status), (failure.Failure, failure.Status));
        Assert.Single(receiver.All);
        Assert.Equal(0, elsewhere.Connections);
    }

    /// <summary>What was looked at is what is connected to: a name is asked once, so that a second answer changes nothing.</summary>
    [Fact]
    public async Task ANameThatChangesItsMindIsAskedOnce()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        var asked = 0;
        using var webhook = new AlertWebhook(new() { AllowLoopback = true }, null, (_, _) => Task.FromResult<IPAddress[]>([++asked == 1 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254")]), Trust(receiver));
        await webhook.SendAsync(Alert, Target(receiver), Cancel);
        await webhook.SendAsync(Alert, Target(receiver), Cancel);
        Assert.Equal((1, 2), (asked, receiver.All.Count));
    }

    [Fact]
    public async Task AProxyOfTheEnvironmentIsNotUsed()
    {
        await using var proxy = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy($"http://127.0.0.1:{proxy.Port}");
        try
        {
            using var webhook = new AlertWebhook(new() { AllowLoopback = true });
            await webhook.SendAsync(Alert, new(new($"http://127.0.0.1:{receiver.Port}/"), WebhookFormat.Generic, Key), Cancel);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }

        Assert.Equal((0, 1), (proxy.Connections, receiver.All.Count));
    }

    [Theory]
    [InlineData(500, 4)]
    [InlineData(503, 4)]
    [InlineData(429, 4)]
    [InlineData(408, 4)]
    [InlineData(400, 1)]
    [InlineData(403, 1)]
    [InlineData(404, 1)]
    [InlineData(410, 1)]
    public async Task ItIsTriedThreeMoreTimesWhereThatMayHelp(int status, int tries)
    {
        await using var receiver = await Receiver.StartAsync(Host);
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        var time = new PromptTimers();
        using var webhook = Sender(receiver, time);
        var failure = await Fails(webhook, Target(receiver));
        Assert.Equal((AlertWebhookFailure.Refused, status), (failure.Failure, failure.Status));
        Assert.Equal(tries, receiver.All.Count);
        Assert.Single(receiver.All.Select(static received => received.Headers["webhook-id"]).Distinct());   // so that the receiver can tell that it is the same
        Assert.All(receiver.All, static received => Assert.True(Verifies(received, Key)));
        Assert.All(time.Pauses, static pause => Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task AReceiverThatComesBackGetsIt()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        receiver.Answer = static (number, context) =>
        {
            if (number == 1)
            {
                context.Abort();
            }

            context.Response.StatusCode = number < 3 ? 502 : 200;
            return Task.CompletedTask;
        };
        using var webhook = Sender(receiver, new PromptTimers());
        await webhook.SendAsync(Alert, Target(receiver), Cancel);
        Assert.Equal(3, receiver.All.Count);
    }

    [Fact]
    public async Task AReceiverThatNeverAnswersIsGivenUp()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        receiver.Answer = static (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var webhook = new AlertWebhook(new() { AllowLoopback = true, Timeout = TimeSpan.FromMilliseconds(300), MaxRetries = 0 }, null, Loopback, Trust(receiver));
        Assert.Equal(AlertWebhookFailure.Unreachable, (await Fails(webhook, Target(receiver))).Failure);
    }

    /// <summary>Of an answer nothing is read.</summary>
    [Fact]
    public async Task AnAnswerWithoutEndHoldsNothingUp()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        receiver.Answer = static async (_, context) =>
        {
            context.Response.StatusCode = 200;
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[65_536], context.RequestAborted);
            }
        };
        using var webhook = Sender(receiver);
        await webhook.SendAsync(Alert, Target(receiver), Cancel);
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task NothingThatCanBeReadHoldsTheAddressOrTheSecret()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        receiver.Answer = static (_, context) =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        };
        var said = new List<string>();
        using var listener = new ActivityListener { ShouldListenTo = static _ => true, Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded, ActivityStopped = activity => said.AddRange(activity.TagObjects.Select(static tag => $"{tag.Value}")) };
        ActivitySource.AddActivityListener(listener);
        using var webhook = Sender(receiver);
        var target = new AlertTarget(new($"https://{Host}:{receiver.Port}/S3CR3T-TAINT"), WebhookFormat.Generic, Encoding.UTF8.GetBytes("S3CR3T-TAINT-of-thirty-two-bytes-or-more"));
        said.Add((await Fails(webhook, target)).ToString());
        said.Add((await Fails(webhook, new(new("https://127.0.0.2/S3CR3T-TAINT"), WebhookFormat.Generic, default), allowed: false)).ToString());
        said.Add(target.ToString());
        Assert.DoesNotContain(said, static text => text.Contains("TAINT", StringComparison.Ordinal));
        Assert.DoesNotContain("traceparent", receiver.All[0].Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task WhoeverCancelsIsNotKeptWaiting()
    {
        await using var receiver = await Receiver.StartAsync(Host);
        using var cancel = new CancellationTokenSource();
        receiver.Answer = async (_, context) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using var webhook = Sender(receiver);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await webhook.SendAsync(Alert, Target(receiver), cancel.Token));
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData(60_001, 0)]
    [InlineData(1_000, -1)]
    [InlineData(1_000, 6)]
    public void OptionsHaveRanges(int milliseconds, int retries) => Assert.Throws<ArgumentOutOfRangeException>(() => new AlertWebhook(new() { Timeout = TimeSpan.FromMilliseconds(milliseconds), MaxRetries = retries }));

    internal static bool Verifies(Receiver.Received received, byte[] key)
    {
        var signed = Encoding.UTF8.GetBytes($"{received.Headers["webhook-id"]}.{received.Headers["webhook-timestamp"]}.{received.Text}");
        return received.Headers["webhook-signature"] == $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}";
    }

    private static AlertTarget Target(Receiver receiver) => new(new($"https://{Host}:{receiver.Port}/S3CR3T-TAINT"), WebhookFormat.Generic, Key);

    private static AlertWebhook Sender(Receiver receiver, TimeProvider? time = null) => new(new() { AllowLoopback = true, Timeout = TimeSpan.FromSeconds(60) }, time, Loopback, Trust(receiver));

    private static Action<SocketsHttpHandler> Trust(Receiver receiver) => handler => handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == receiver.Certificate!.GetCertHashString();

    private static Task<IPAddress[]> Loopback(string host, CancellationToken cancellationToken) => host == Host ? Task.FromResult<IPAddress[]>([IPAddress.Loopback]) : throw new SocketException((int)SocketError.HostNotFound);

    private static async Task<AlertWebhookException> Fails(AlertWebhook webhook, AlertTarget target, bool allowed = true)
    {
        Assert.True(allowed || target.Address.IsLoopback);
        return await Assert.ThrowsAsync<AlertWebhookException>(async () => await webhook.SendAsync(Alert, target, Cancel));
    }
}

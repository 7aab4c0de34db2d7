using System.Net;
using System.Net.Http.Headers;
using Aegis.Alerting;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Aegis;

/// <summary>
/// Sends alerts over HTTPS: only to addresses that are public when they are connected to, without redirects, proxies, cookies or credentials; signed as Standard Webhooks
/// says where there is a secret; tried again a bounded number of times. Addresses and secrets are in no exception, log, trace or metric. Thread-safe; make one and share it.
/// </summary>
public sealed class AlertWebhook : IAlertWebhook, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly AlertWebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>A sender.</summary>
    /// <param name="options">How; the defaults unless said otherwise.</param>
    /// <param name="time">The clock; the system's unless said otherwise.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public AlertWebhook(AlertWebhookOptions? options = null, TimeProvider? time = null)
        : this(options, time, static (host, token) => Dns.GetHostAddressesAsync(host, token), null)
    {
    }

    /// <param name="options">How.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resolve">Finds the addresses of a name.</param>
    /// <param name="more">Changes the handler: whose certificates a test trusts.</param>
    internal AlertWebhook(AlertWebhookOptions? options, TimeProvider? time, Func<string, CancellationToken, Task<IPAddress[]>> resolve, Action<SocketsHttpHandler>? more)
    {
        (_options, _time) = ((options ?? new()).Checked(), time ?? TimeProvider.System);
        var connector = new PublicConnector(_options.AllowLoopback, resolve);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            PreAuthenticate = false,
            ActivityHeadersPropagator = null,   // no activity of this client either, which would show the address, and with Slack's the secret in it
            ConnectTimeout = _options.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),   // where a name leads is looked at anew
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            ConnectCallback = connector.ConnectAsync,
        };
        more?.Invoke(handler);
        _client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _pipeline = Pipeline(_options, _time);
    }

    /// <inheritdoc/>
    public bool AllowsLoopback => _options.AllowLoopback;

    /// <inheritdoc/>
    /// <exception cref="AlertWebhookException">It did not arrive.</exception>
    public async ValueTask SendAsync(Alert alert, AlertTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        ArgumentNullException.ThrowIfNull(target);
        var delivery = new Delivery(alert, target);
        try
        {
            await _pipeline.ExecuteAsync(static (all, token) => all.Sender.TryAsync(all.Delivery, token), (Sender: this, Delivery: delivery), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not AlertWebhookException)
        {
            throw new AlertWebhookException(AlertWebhookFailure.Unreachable, status: null);   // what e says may hold the address
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private static ResiliencePipeline Pipeline(AlertWebhookOptions options, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (options.MaxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                Delay = FirstPause,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                MaxDelay = TimeSpan.FromSeconds(30),
                ShouldHandle = static arguments => new(arguments.Outcome.Exception is TimeoutRejectedException or AlertWebhookException { MayPass: true }),
            });
        }

        return builder.AddTimeout(new TimeoutStrategyOptions { Timeout = options.Timeout }).Build();
    }

    private async ValueTask TryAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, delivery.Target.Address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Content = new ByteArrayContent(delivery.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        foreach (var (name, value) in delivery.HeadersAt(_time.GetUtcNow()))
        {
            request.Headers.Add(name, value);
        }

        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new AlertWebhookException(PublicConnector.HasRefused(e) ? AlertWebhookFailure.PrivateAddress : AlertWebhookFailure.Unreachable, status: null);
        }

        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                throw new AlertWebhookException((int)response.StatusCode is >= 300 and < 400 ? AlertWebhookFailure.Redirected : AlertWebhookFailure.Refused, (int)response.StatusCode);
            }
        }
    }
}

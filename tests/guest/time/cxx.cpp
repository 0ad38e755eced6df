// SPDX-License-Identifier: Apache-2.0
// tests/guest/time/cxx.cpp - the waits of the C++ library.
#include "tests/guest/time/rig.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>
#include <vector>

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

namespace
{

nanoseconds span(double count)
{
    return nanoseconds(units_ns(count));
}

void condition()
{
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    std::unique_lock<std::mutex> lock(mutex);
    stamp("wait_for: %d", condition.wait_for(lock, span(1.5)) == std::cv_status::timeout);
    stamp("wait_until, steady: %d",
          condition.wait_until(lock, steady_clock::now() + span(1)) == std::cv_status::timeout);
    stamp("wait_until, system: %d",
          condition.wait_until(lock, system_clock::now() + span(1)) == std::cv_status::timeout);
    std::thread thread([&] {
        std::this_thread::sleep_for(span(2));
        std::lock_guard<std::mutex> guard(mutex);
        ready = true;
        condition.notify_all();
    });
    stamp("notified: %d", condition.wait_for(lock, span(10), [&] { return ready; }));
    lock.unlock();
    thread.join();
}

void mutexes()
{
    std::timed_mutex mutex;
    std::shared_timed_mutex shared;
    mutex.lock();
    shared.lock();
    std::thread thread([&] {
        stamp("try_lock_for: %d", mutex.try_lock_for(span(1)));
        stamp("try_lock_until: %d", mutex.try_lock_until(system_clock::now() + span(1)));
        stamp("try_lock_shared_for: %d", shared.try_lock_shared_for(span(1)));
        stamp("in time: %d", mutex.try_lock_for(span(10)));
    });
    std::this_thread::sleep_for(span(5));
    mutex.unlock();
    thread.join();
    shared.unlock();
}

void futures()
{
    auto answer = std::async(std::launch::async, [] {
        std::this_thread::sleep_for(span(3));
        return 42;
    });
    stamp("wait_for: %d", answer.wait_for(span(1)) == std::future_status::timeout);
    stamp("wait_until: %d",
          answer.wait_until(steady_clock::now() + span(1)) == std::future_status::timeout);
    stamp("get %d", answer.get());
    std::promise<int> promise;
    auto promised = promise.get_future();
    std::thread thread([&] {
        std::this_thread::sleep_until(steady_clock::now() + span(2));
        promise.set_value(7);
    });
    stamp("promised %d", promised.get());
    thread.join();
}

void semaphores()
{
    std::counting_semaphore<5> semaphore(1);
    semaphore.acquire();
    stamp("try_acquire_for: %d", semaphore.try_acquire_for(span(1)));
    std::thread thread([&] {
        std::this_thread::sleep_for(span(1));
        semaphore.release();
    });
    semaphore.acquire();
    stamp("acquired");
    thread.join();
}

void pool()
{
    std::mutex mutex;
    std::condition_variable condition;
    std::vector<int> jobs, done;
    bool closed = false;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; i++) {
        workers.emplace_back([&] {
            for (;;) {
                std::unique_lock<std::mutex> lock(mutex);
                condition.wait(lock, [&] { return closed || !jobs.empty(); });
                if (jobs.empty()) {
                    return;
                }
                int job = jobs.back();
                jobs.pop_back();
                lock.unlock();
                std::this_thread::sleep_for(span(0.25 * job));
                lock.lock();
                done.push_back(job);
            }
        });
    }
    for (int i = 1; i <= 12; i++) {
        std::lock_guard<std::mutex> guard(mutex);
        jobs.push_back(i % 3 + 1);
        condition.notify_one();
    }
    std::this_thread::sleep_for(span(5));
    {
        std::lock_guard<std::mutex> guard(mutex);
        closed = true;
        condition.notify_all();
    }
    for (auto &worker : workers) {
        worker.join();
    }
    stamp("%zu jobs done", done.size());
}

} // namespace

int main(int argc, char **argv)
{
    static const part parts[] = {
        {"condition", condition},   {"mutexes", mutexes}, {"futures", futures},
        {"semaphores", semaphores}, {"pool", pool},       {nullptr, nullptr},
    };
    return rig_main(argc, argv, parts);
}
